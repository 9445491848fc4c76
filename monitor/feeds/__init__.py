"""The room of feeds: from the catalogue that a user wrote to the decision what is new."""
