"""How far the assistant, the local second opinion and a second marker agree with the grades that people approved.

The assistant has to earn its place here (requirements.md M3): no draft is made before `gate.py` allows it.
"""
