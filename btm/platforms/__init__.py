"""Where workers come from and how they are paid. One module a platform; knows neither Flask nor SQL, keeps nothing of its own."""
