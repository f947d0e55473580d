"""The commands of `vmbackup` that read and think; `vmbackup bot` is added by the bot."""
