"""The price book: one meter, one region, one price; or an error that names what is missing."""
