"""A second opinion without any provider: a small model learnt in seconds from the grades that people approved.

`features`, `kernel` and `learning` are pure and know no database; they cost scikit-learn, so that only the job imports
them. Predictions are kept in a table, the model itself is not: it is learnt anew when grades come in.
"""
