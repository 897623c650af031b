"""What whoever runs the bot can see of it: health, metrics, and logs by turn. It knows no other room."""
