"""One reader for each kind of content; the pipeline chooses by the file's ending."""
