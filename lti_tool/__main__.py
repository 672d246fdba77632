"""`python -m lti_tool`: the operator's commands."""

from lti_tool.cli import main

if __name__ == "__main__":
    main()
