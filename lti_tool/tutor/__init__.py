"""The tutor: a person asks about the course, and the answer cites the material or says that it does not say."""
