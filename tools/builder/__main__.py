import sys

from tools.builder.notebooks import main

if __name__ == "__main__":
    sys.exit(main())
