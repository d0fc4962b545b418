"""What each file of a queue is held to be, what a person decided, and what became of it.

The only room with SQL: others ask by the functions of `questions`, `decisions` and `removal`.
"""
