<?php
// Makes a course for paper exams in the Moodle at $argv[1]: assignments that take papers in each way, a service for the
// course (functions in $argv[2]), and keys of students for a service like the mobile one (functions in $argv[3]).
define('CLI_SCRIPT', true);
require($argv[1] . '/config.php');
require_once($CFG->libdir . '/testing/generator/lib.php');
require_once($CFG->dirroot . '/mod/assign/locallib.php');
require_once($CFG->dirroot . '/grade/grading/lib.php');
\core\session\manager::set_user(get_admin());
$gen = new testing_data_generator();
$stamp = time() . random_int(100, 999);
$course = $gen->create_course(['shortname' => "PAPER$stamp", 'fullname' => 'Paper exams', 'numsections' => 1]);
$person = function(string $name, string $role) use ($gen, $course, $stamp) {
    $made = $gen->create_user(['username' => "$name$stamp", 'password' => 'Pass-1234', 'email' => "$name$stamp@example.com",
        'firstname' => ucfirst($name), 'lastname' => 'Tester']);
    $gen->enrol_user($made->id, $course->id, $role);
    return $made;
};
$teacher = $person('marker', 'editingteacher');
$students = ['anna' => $person('anna', 'student'), 'ben' => $person('ben', 'student')];
$out = ['course' => (int)$course->id, 'assignments' => [], 'people' => [], 'names' => [], 'teacher' => $teacher->username];
foreach ($students as $name => $student) {
    $out['people'][$name] = (int)$student->id;
    $out['names'][$name] = $student->username;
}
$add = function(string $key, array $values) use ($gen, $course, &$out) {
    $made = $gen->create_module('assign', $values + ['course' => $course->id, 'section' => 1, 'name' => ucfirst($key),
        'intro' => '<p>Written in the hall.</p>', 'grade' => 50, 'duedate' => time() + 86400, 'submissiondrafts' => 1,
        'assignsubmission_onlinetext_enabled' => 1, 'assignsubmission_file_enabled' => 1,
        'assignsubmission_file_maxfiles' => 1, 'assignsubmission_file_maxsizebytes' => 1048576,
        'assignfeedback_comments_enabled' => 1, 'assignfeedback_file_enabled' => 1]);
    $out['assignments'][$key] = ['number' => (int)$made->id, 'module' => (int)$made->cmid];
    return $made;
};
$assign = function(int $cmid) use ($course) {
    [$c, $cm] = get_course_and_cm_from_cmid($cmid, 'assign');
    return new assign(context_module::instance($cmid), $cm, $course);
};
$define = function(int $cmid, string $method, array $definition) {
    $manager = get_grading_manager(context_module::instance($cmid), 'mod_assign', 'submissions');
    $manager->set_active_method($method);
    $manager->get_controller($method)->update_definition((object)($definition + ['name' => $method,
        'description_editor' => ['text' => '', 'format' => 1, 'itemid' => 0], 'status' => 20]));
};
$level = fn(string $words, string $score) => ['definition' => $words, 'score' => $score];
$add('points', ['name' => 'Exam by points']);
$add('bulk', ['name' => 'Exam for a ZIP', 'assignfeedback_offline_enabled' => 1]);
$add('sheet', ['name' => 'Exam with a worksheet', 'assignfeedback_offline_enabled' => 1]);
$rubric = $add('rubric', ['name' => 'Exam by rubric']);
$define($rubric->cmid, 'rubric', ['rubric' => ['options' => ['alwaysshowdefinition' => 0], 'criteria' => [
    'NEWID1' => ['sortorder' => 1, 'description' => 'Clarity', 'levels' => ['NEWID1' => $level('unclear', '0'), 'NEWID2' => $level('clear', '4')]],
    'NEWID2' => ['sortorder' => 2, 'description' => 'Reasons', 'levels' => ['NEWID1' => $level('none', '0'), 'NEWID2' => $level('good', '6')]]]]]);
$guide = $add('guide', ['name' => 'Exam by guide', 'grade' => 100]);
$define($guide->cmid, 'guide', ['guide' => ['options' => ['alwaysshowdefinition' => 1, 'showmarkspercriterionstudents' => 1], 'comments' => [], 'criteria' => [
    'NEWID1' => ['sortorder' => 1, 'shortname' => 'Reasons', 'description' => 'Say why.', 'descriptionmarkers' => '', 'maxscore' => 8]]]]);
$add('byhand', ['name' => 'Exam marked in Moodle']);
$add('workflow', ['name' => 'Exam with workflow', 'markingworkflow' => 1]);
$add('drafts', ['name' => 'Exam to hand in']);
$add('direct', ['name' => 'Exam without drafts', 'submissiondrafts' => 0]);
$add('over', ['name' => 'Exam that is over', 'cutoffdate' => time() - 3600, 'duedate' => time() - 7200]);
$add('statement', ['name' => 'Exam with a statement', 'requiresubmissionstatement' => 1]);
$add('small', ['name' => 'Exam for small files', 'assignsubmission_file_maxsizebytes' => 300]);
$add('team', ['name' => 'Exam of groups', 'teamsubmission' => 1]);
$taken = $add('taken', ['name' => 'Exam with other work']);
\core\session\manager::set_user($students['anna']);
$item = file_get_unused_draft_itemid();
get_file_storage()->create_file_from_string(['component' => 'user', 'filearea' => 'draft', 'itemid' => $item,
    'contextid' => context_user::instance($students['anna']->id)->id, 'filepath' => '/', 'filename' => 'mine.txt'], 'Mine.');
$notices = [];
$assign($taken->cmid)->save_submission((object)['userid' => $students['anna']->id, 'files_filemanager' => $item,
    'onlinetext_editor' => ['itemid' => file_get_unused_draft_itemid(), 'text' => '', 'format' => FORMAT_HTML]], $notices);
\core\session\manager::set_user(get_admin());
$service = function(string $name, string $functions) use ($DB, $stamp) {
    $id = $DB->insert_record('external_services', (object)['name' => "$name $stamp", 'shortname' => "$name$stamp", 'enabled' => 1,
        'restrictedusers' => 0, 'downloadfiles' => 1, 'uploadfiles' => 1, 'timecreated' => time(), 'timemodified' => time()]);
    foreach (explode(',', $functions) as $function) {
        $DB->insert_record('external_services_functions', (object)['externalserviceid' => $id, 'functionname' => $function]);
    }
    return $DB->get_record('external_services', ['id' => $id]);
};
$key = fn($service, $user) => \core_external\util::generate_token(EXTERNAL_TOKEN_PERMANENT, $service, $user->id, context_system::instance());
$out['token'] = $key($service('papers', $argv[2]), $teacher);
$own = $service('handingin', $argv[3]);
$out['keys'] = array_map(fn($student) => $key($own, $student), $students);
echo "\n" . json_encode($out) . "\n";
