<?php
// Adds a course with one activity of each kind to a running Moodle, some of them hidden or restricted in every way there
// is, and tokens: of the documented service for its teacher and its non-editing teacher, and of a poorer one.
// usage: sudo -u www-data php content_course.php MOODLE_DIR  -> one line of JSON at the end
define('CLI_SCRIPT', true);
require($argv[1] . '/config.php');
require_once($CFG->dirroot . '/course/lib.php');
require_once($CFG->dirroot . '/group/lib.php');
require_once($CFG->libdir . '/testing/generator/lib.php');
global $DB, $USER;
\core\session\manager::set_user(get_admin());
set_config('enableavailability', 1);
set_config('allowstealth', 1);
set_config('enablewebservices', 1);
$gen = new testing_data_generator();
$stamp = time() . random_int(100, 999);
$course = $gen->create_course(['shortname' => "CONTENT$stamp", 'fullname' => 'Content', 'numsections' => 4]);
$teacher = $gen->create_user(['username' => "reader$stamp", 'password' => 'Pass-1234', 'email' => "reader$stamp@example.com"]);
$gen->enrol_user($teacher->id, $course->id, 'editingteacher');
$student = $gen->create_user(['username' => "learner$stamp", 'password' => 'Pass-1234', 'email' => "learner$stamp@example.com"]);
$gen->enrol_user($student->id, $course->id, 'student');
$helper = $gen->create_user(['username' => "helper$stamp", 'password' => 'Pass-1234', 'email' => "helper$stamp@example.com"]);
$gen->enrol_user($helper->id, $course->id, 'teacher');
$out = ['course' => (int)$course->id, 'modules' => [], 'sections' => []];
$add = function(string $key, string $kind, array $values, int $section = 1) use ($gen, $course, &$out) {
    $made = $gen->create_module($kind, $values + ['course' => $course->id, 'section' => $section, 'showdescription' => 1]);
    $out['modules'][$key] = (int)$made->cmid;
    return $made;
};
$draft = function(array $files) use ($DB) {
    $item = file_get_unused_draft_itemid();
    $order = 1;
    foreach ($files as [$path, $name, $content]) {
        get_file_storage()->create_file_from_string(['component' => 'user', 'filearea' => 'draft', 'itemid' => $item,
            'contextid' => context_user::instance(get_admin()->id)->id, 'filepath' => $path, 'filename' => $name,
            'sortorder' => $order], $content);
        $order = 0;
    }
    return $item;
};
$sections = $DB->get_records('course_sections', ['course' => $course->id], 'section', 'section, id, name');
foreach ([1 => 'Week one', 2 => 'Hidden week', 3 => 'Restricted week', 4 => 'Week four'] as $number => $name) {
    course_update_section($course, $DB->get_record('course_sections', ['id' => $sections[$number]->id]),
        ['name' => $name, 'summary' => "<p>Summary of $name: SUMMARY-$number.</p>", 'summaryformat' => 1]);
    $out['sections'][$number] = (int)$sections[$number]->id;
}
$later = json_encode(['op' => '&', 'c' => [['type' => 'date', 'd' => '>=', 't' => time() + 864000]], 'showc' => [true]]);
$nothing = json_encode(['op' => '&', 'c' => [], 'showc' => []]);
$group = $gen->create_group(['courseid' => $course->id, 'name' => 'Red']);
$ingroup = json_encode(['op' => '&', 'c' => [['type' => 'group', 'id' => (int)$group->id]], 'showc' => [true]]);
// One of each.
$add('page', 'page', ['name' => 'Gas laws', 'intro' => 'About gases.', 'content' => '<p>One mole fills 22.414 litres.</p>']);
$add('twin', 'page', ['name' => 'Gas laws', 'content' => '<p>A second page of the same name: TWIN-1.</p>', 'availability' => $nothing]);
$add('label', 'label', ['intro' => '<p>Question time is on Thursdays at 09:20.</p>']);
$book = $add('book', 'book', ['name' => 'Handbook', 'intro' => 'How we work.']);
$chapters = $gen->get_plugin_generator('mod_book');
$chapters->create_chapter(['bookid' => $book->id, 'pagenum' => 1, 'title' => 'Titration', 'content' => '<p>It turns pink above pH 8.2.</p>']);
$chapters->create_chapter(['bookid' => $book->id, 'pagenum' => 2, 'title' => 'Draft', 'content' => '<p>SEALED-1</p>', 'hidden' => 1]);
$chapters->create_chapter(['bookid' => $book->id, 'pagenum' => 3, 'title' => 'Part of the draft', 'content' => '<p>SEALED-2</p>', 'subchapter' => 1]);
$add('assign', 'assign', ['name' => 'Essay', 'intro' => 'Why does ice float?', 'grade' => 50, 'duedate' => 1900000000]);
$add('quiz', 'quiz', ['name' => 'Quiz', 'intro' => 'Ten questions.', 'timeopen' => 1890000000, 'timeclose' => 1890003600]);
$add('forum', 'forum', ['name' => 'Help', 'intro' => 'Ask here.']);
$glossary = $add('glossary', 'glossary', ['name' => 'Terms', 'intro' => 'Words.', 'defaultapproval' => 0]);
$entries = $gen->get_plugin_generator('mod_glossary');
for ($i = 1; $i <= 103; $i++) {
    $entries->create_content($glossary, ['concept' => sprintf('Term %03d', $i), 'definition' => "Definition $i.", 'approved' => 1]);
}
$entries->create_content($glossary, ['concept' => 'Term 000', 'definition' => 'UNAPPROVED-1', 'approved' => 0, 'userid' => $teacher->id]);
$wiki = $add('wiki', 'wiki', ['name' => 'Wiki', 'intro' => 'Our notes.']);
$pages = $gen->get_plugin_generator('mod_wiki');
$pages->create_first_page($wiki, ['content' => 'First version.']);
$pages->create_first_page($wiki, ['content' => 'Bonds, latest version.']);
$pages->create_page($wiki, ['title' => 'Second', 'content' => 'More on bonds.']);
$own = $add('ownwiki', 'wiki', ['name' => 'Diary', 'wikimode' => 'individual']);
$pages->create_first_page($own, ['content' => 'DIARY-1', 'userid' => $student->id]);
$parted = $add('groupwiki', 'wiki', ['name' => 'Red wiki', 'groupmode' => SEPARATEGROUPS]);
$pages->create_first_page($parted, ['content' => 'REDGROUP-1', 'group' => $group->id]);
$lesson = $add('lesson', 'lesson', ['name' => 'Diffusion', 'intro' => 'A lesson.']);
$steps = $gen->get_plugin_generator('mod_lesson');
$first = $steps->create_content($lesson, ['title' => 'Step one', 'contents_editor' => ['text' => '<p>Particles spread.</p>', 'format' => 1, 'itemid' => 0]]);
$steps->create_question_truefalse($lesson, ['title' => 'Check', 'pageid' => $first->id, 'contents_editor' => ['text' => '<p>Do they spread?</p>', 'format' => 1, 'itemid' => 0],
    'answer_editor' => [['text' => 'ANSWER-1', 'format' => 1], ['text' => 'ANSWER-2', 'format' => 1]]]);
$locked = $add('locked', 'lesson', ['name' => 'Locked lesson', 'usepassword' => 1, 'password' => 'x']);
$steps->create_content($locked,
    ['title' => 'Locked', 'contents_editor' => ['text' => '<p>LOCKED-1</p>', 'format' => 1, 'itemid' => 0]]);
$add('url', 'url', ['name' => 'Elements', 'externalurl' => 'http://127.0.0.1:9/never', 'intro' => 'A table.']);
$add('file', 'resource', ['name' => 'Notes', 'intro' => 'Read this.', 'files' => $draft([['/', 'notes.txt', "Salt dissolves in water.\n"]])]);
$add('folder', 'folder', ['name' => 'Readings', 'intro' => 'Two files.', 'files' => $draft([
    ['/', 'one.md', "# One\n\nIron rusts.\n"], ['/deep/', 'two.html', '<html><body><p>Copper turns green.</p></body></html>'],
    ['/', 'film.mp4', 'no text']])], 4);
$add('choice', 'choice', ['name' => 'Vote', 'intro' => 'Which day suits you?'], 4);
// What not everybody may see.
$add('hidden', 'page', ['name' => 'Answer key', 'content' => '<p>MARIMBA-1</p>', 'visible' => 0]);
$add('stealth', 'page', ['name' => 'Not on the page', 'content' => '<p>STEALTH-1</p>']);
$DB->set_field('course_modules', 'visibleoncoursepage', 0, ['id' => $out['modules']['stealth']]);
$add('later', 'page', ['name' => 'Later', 'content' => '<p>LATER-1</p>', 'availability' => $later]);
$add('grouped', 'page', ['name' => 'For red', 'content' => '<p>RED-1</p>', 'availability' => $ingroup]);
$add('inhidden', 'page', ['name' => 'In hidden', 'content' => '<p>INHIDDEN-1</p>'], 2);
$add('inrestricted', 'page', ['name' => 'In restricted', 'content' => '<p>INRESTRICTED-1</p>'], 3);
if (\core\plugin_manager::instance()->get_plugin_info('mod_subsection')) {
    \core\plugininfo\mod::enable_plugin('subsection', 1);
    $sub = $add('subsection', 'subsection', ['name' => 'Part of restricted'], 3);
    $delegated = $DB->get_record('course_sections', ['course' => $course->id, 'component' => 'mod_subsection', 'itemid' => $sub->id]);
    $add('insub', 'page', ['name' => 'In part', 'content' => '<p>INSUB-1</p>'], (int)$delegated->section);
}
$DB->set_field('course_sections', 'availability', $ingroup, ['id' => $sections[3]->id]);
set_section_visible($course->id, 2, 0);
rebuild_course_cache($course->id, true);
// The service of docs/operators, and two that lack something.
$functions = explode(',', $argv[2]);
$service = function(string $name, array $functions, int $downloads, $user) use ($DB, $stamp) {
    $id = $DB->insert_record('external_services', (object)['name' => "$name $stamp", 'shortname' => "$name$stamp", 'enabled' => 1,
        'restrictedusers' => 0, 'downloadfiles' => $downloads, 'uploadfiles' => 0, 'timecreated' => time(), 'timemodified' => time()]);
    foreach ($functions as $function) {
        $DB->insert_record('external_services_functions', (object)['externalserviceid' => $id, 'functionname' => $function]);
    }
    return \core_external\util::generate_token(EXTERNAL_TOKEN_PERMANENT, $DB->get_record('external_services', ['id' => $id]),
        $user->id, context_system::instance());
};
$out['tokens'] = ['full' => $service('full', $functions, 1, $teacher), 'poor' => $service('poor', array_slice($functions, 0, 5), 0, $teacher),
    'helper' => $service('helper', $functions, 1, $helper)];
accesslib_clear_all_caches(true);
purge_all_caches();
echo json_encode($out), "\n";
