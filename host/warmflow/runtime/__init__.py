"""General tools for an asyncio program: logging, tasks, retries, child processes, UTC and JSON. Nothing about pumps."""
