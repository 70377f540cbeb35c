"""What any asyncio program needs: logging, tasks, retries, child processes, UTC and JSON. It knows no pump."""
