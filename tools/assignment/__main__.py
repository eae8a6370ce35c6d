import sys

from tools.assignment.create import main

if __name__ == "__main__":
    sys.exit(main())
