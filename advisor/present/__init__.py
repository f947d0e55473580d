"""An advice as JSON, as text for a terminal and as Markdown. Values in, text out; knows no chat."""
