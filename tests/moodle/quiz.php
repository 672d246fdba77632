<?php
// Adds a quiz with one question to a course of a running Moodle, or takes both out again.
// usage: sudo -u www-data php quiz.php MOODLE_DIR COURSE_ID -> its course-module number; MOODLE_DIR remove NUMBER
define('CLI_SCRIPT', true);
require($argv[1] . '/config.php');
require_once($CFG->dirroot . '/course/lib.php');
require_once($CFG->dirroot . '/mod/quiz/locallib.php');
require_once($CFG->libdir . '/questionlib.php');
require_once($CFG->libdir . '/testing/generator/lib.php');
\core\session\manager::set_user(get_admin());
if ($argv[2] === 'remove') {
    course_delete_module((int)$argv[3]);
    foreach ($DB->get_records('question_categories', ['name' => "Of quiz $argv[3]"]) as $category) {
        question_category_delete_safe($category);
    }
    exit;
}
$gen = new testing_data_generator();
$quiz = $gen->create_module('quiz', ['course' => (int)$argv[2], 'name' => 'Short quiz', 'section' => 3, 'grade' => 100, 'sumgrades' => 1]);
$category = $gen->get_plugin_generator('core_question')->create_question_category([
    'name' => "Of quiz $quiz->cmid", 'contextid' => context_course::instance((int)$argv[2])->id]);
$nothing = ['text' => '', 'format' => FORMAT_HTML];
$question = (object)['qtype' => 'truefalse', 'category' => $category->id, 'createdby' => $USER->id];
$saved = question_bank::get_qtype('truefalse')->save_question($question, (object)[
    'category' => "$category->id,$category->contextid", 'name' => 'Ice', 'defaultmark' => 1, 'penalty' => 1,
    'questiontext' => ['text' => 'Ice floats on water.', 'format' => FORMAT_HTML], 'generalfeedback' => $nothing,
    'correctanswer' => 1, 'feedbacktrue' => $nothing, 'feedbackfalse' => $nothing, 'status' => 'ready', 'idnumber' => null]);
quiz_add_quiz_question($saved->id, $quiz);
echo "\n" . $quiz->cmid . "\n";
