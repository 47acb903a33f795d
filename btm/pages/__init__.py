"""A stranger's page: fetched safely, read, kept and compared. Knows nothing of the game, the web or the database."""
