<?php
// Adds a course with assignments of every kind to a running Moodle, work handed in to them, and tokens: of a service with the
// functions that marking needs for its teacher, and of one that lacks some.
// usage: sudo -u www-data php assignment_course.php MOODLE_DIR FUNCTIONS  -> one line of JSON at the end
define('CLI_SCRIPT', true);
require($argv[1] . '/config.php');
require_once($CFG->dirroot . '/course/lib.php');
require_once($CFG->dirroot . '/group/lib.php');
require_once($CFG->dirroot . '/mod/assign/locallib.php');
require_once($CFG->dirroot . '/grade/grading/lib.php');
require_once($CFG->dirroot . '/grade/grading/form/rubric/lib.php');
require_once($CFG->dirroot . '/grade/grading/form/guide/lib.php');
require_once($CFG->libdir . '/testing/generator/lib.php');
global $DB, $USER;
$CFG->noemailever = true;
\core\session\manager::set_user(get_admin());
set_config('enablewebservices', 1);
$gen = new testing_data_generator();
$stamp = time() . random_int(100, 999);
$course = $gen->create_course(['shortname' => "WORK$stamp", 'fullname' => 'Work', 'numsections' => 1]);
$person = function(string $name, string $role) use ($gen, $course, $stamp) {
    $made = $gen->create_user(['username' => "$name$stamp", 'password' => 'Pass-1234', 'email' => "$name$stamp@example.com",
        'firstname' => ucfirst($name), 'lastname' => 'Tester']);
    $gen->enrol_user($made->id, $course->id, $role);
    return $made;
};
$teacher = $person('marker', 'editingteacher');
$students = ['anna' => $person('anna', 'student'), 'ben' => $person('ben', 'student'), 'cleo' => $person('cleo', 'student')];
$group = $gen->create_group(['courseid' => $course->id, 'name' => 'Red team']);
foreach (['anna', 'ben'] as $name) {
    groups_add_member($group->id, $students[$name]->id);
}
$out = ['course' => (int)$course->id, 'assignments' => [], 'people' => []];
foreach ($students as $name => $student) {
    $out['people'][$name] = (int)$student->id;
}
$add = function(string $key, array $values) use ($gen, $course, &$out) {
    $made = $gen->create_module('assign', $values + ['course' => $course->id, 'section' => 1, 'name' => ucfirst($key),
        'intro' => '<p>Why does <b>ice</b> float?</p>', 'grade' => 50, 'duedate' => time() + 86400,
        'assignsubmission_onlinetext_enabled' => 1, 'assignsubmission_file_enabled' => 1,
        'assignsubmission_file_maxfiles' => 5, 'assignsubmission_file_maxsizebytes' => 1048576,
        'assignfeedback_comments_enabled' => 1, 'assignfeedback_file_enabled' => 1, 'submissiondrafts' => 0]);
    $out['assignments'][$key] = ['number' => (int)$made->id, 'module' => (int)$made->cmid];
    return $made;
};
$assign = function(int $cmid) use ($course) {
    [$c, $cm] = get_course_and_cm_from_cmid($cmid, 'assign');
    return new assign(context_module::instance($cmid), $cm, $course);
};
$submit = function(int $cmid, $student, string $html, array $files = []) use ($assign) {
    \core\session\manager::set_user($student);
    $item = file_get_unused_draft_itemid();
    foreach ($files as $name => $content) {
        get_file_storage()->create_file_from_string(['component' => 'user', 'filearea' => 'draft', 'itemid' => $item,
            'contextid' => context_user::instance($student->id)->id, 'filepath' => '/', 'filename' => $name], $content);
    }
    $notices = [];
    $assign($cmid)->save_submission((object)['userid' => $student->id, 'files_filemanager' => $item,
        'onlinetext_editor' => ['itemid' => file_get_unused_draft_itemid(), 'text' => $html, 'format' => FORMAT_HTML]], $notices);
    \core\session\manager::set_user(get_admin());
};
$define = function(int $cmid, string $method, array $definition) {
    $manager = get_grading_manager(context_module::instance($cmid), 'mod_assign', 'submissions');
    $manager->set_active_method($method);
    $manager->get_controller($method)->update_definition((object)($definition + ['name' => $method,
        'description_editor' => ['text' => '', 'format' => 1, 'itemid' => 0], 'status' => 20]));
};
$level = fn(string $words, string $score) => ['definition' => $words, 'score' => $score];
$rubric = $add('rubric', ['name' => 'Essay on ice']);
$define($rubric->cmid, 'rubric', ['rubric' => ['options' => ['alwaysshowdefinition' => 0], 'criteria' => [
    'NEWID1' => ['sortorder' => 1, 'description' => '<b>Clarity</b>', 'levels' => ['NEWID1' => $level('unclear', '0'),
        'NEWID2' => $level('partly', '1.5'), 'NEWID3' => $level('clear', '4')]],
    'NEWID2' => ['sortorder' => 2, 'description' => 'Reasons', 'levels' => ['NEWID1' => $level('none', '0'), 'NEWID2' => $level('good', '6')]]]]]);
$submit($rubric->cmid, $students['anna'], '<p>Ice floats because it is <em>less dense</em>.</p>', ['sketch.txt' => "A sketch.\n", 'film.mov' => "\x00\x01\x02"]);
$submit($rubric->cmid, $students['ben'], '<p>It is cold.</p>');
$guide = $add('guide', ['name' => 'Essay on steam', 'grade' => 100]);
$define($guide->cmid, 'guide', ['guide' => ['options' => ['alwaysshowdefinition' => 1, 'showmarkspercriterionstudents' => 1], 'comments' => [], 'criteria' => [
    'NEWID1' => ['sortorder' => 1, 'shortname' => 'Reasons', 'description' => 'Say why.', 'descriptionmarkers' => 'Look for pressure.', 'maxscore' => 8]]]]);
$submit($guide->cmid, $students['anna'], '<p>Steam rises.</p>');
$blind = $add('blind', ['name' => 'Blind essay', 'blindmarking' => 1, 'markingworkflow' => 1]);
$submit($blind->cmid, $students['cleo'], '<p>Nobody knows me.</p>');
$team = $add('team', ['name' => 'Team essay', 'teamsubmission' => 1]);
$submit($team->cmid, $students['anna'], '<p>We wrote this.</p>', ['team.txt' => "Together.\n"]);
$again = $add('again', ['name' => 'Try again', 'attemptreopenmethod' => 'automatic', 'maxattempts' => -1]);
$submit($again->cmid, $students['anna'], '<p>First try.</p>');
$scale = $gen->create_scale(['scale' => 'Poor, Good', 'courseid' => $course->id]);
$add('scale', ['name' => 'On a scale', 'grade' => -$scale->id]);
$add('ungraded', ['name' => 'Without a grade', 'grade' => 0]);
$functions = explode(',', $argv[2]);
$service = function(string $name, array $functions) use ($DB, $stamp, $teacher) {
    $id = $DB->insert_record('external_services', (object)['name' => "$name $stamp", 'shortname' => "$name$stamp", 'enabled' => 1,
        'restrictedusers' => 0, 'downloadfiles' => 1, 'uploadfiles' => 0, 'timecreated' => time(), 'timemodified' => time()]);
    foreach ($functions as $function) {
        $DB->insert_record('external_services_functions', (object)['externalserviceid' => $id, 'functionname' => $function]);
    }
    return \core_external\util::generate_token(EXTERNAL_TOKEN_PERMANENT, $DB->get_record('external_services', ['id' => $id]),
        $teacher->id, context_system::instance());
};
$out['tokens'] = ['full' => $service('marking', $functions), 'poor' => $service('poormarking', array_slice($functions, 0, 3))];
$out['teacher'] = "marker$stamp";
echo "\n" . json_encode($out) . "\n";
