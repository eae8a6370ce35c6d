"""One script a kernel; `make bench` writes the table."""
