"""What earlier runs found, kept in the user's cache folder and never trusted.

`codec` turns values into JSON and back, `folder` knows where the files are and whose,
`segments` keeps verdicts in them.
"""
