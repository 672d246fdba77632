"""One door to language models: switches, breaker, pseudonyms, the call itself and what it cost, in one place."""
