"""Rules that Home Assistant and the Marketplace set for the project's files.

Each function takes the parsed content of a file and returns what is wrong with it, one
sentence per problem, so that the rules can be tried on bad examples as well.
"""
