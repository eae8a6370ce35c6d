"""The scripts that made the shipped data, one a file of `course_utils/data`."""
