"""What is promised to the outside: topics, JSON payloads and their documentation, requests and their fields."""
