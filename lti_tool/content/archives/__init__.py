"""Courses that come as one file: a Moodle backup or an IMS Common Cartridge, read without trusting any of it."""
