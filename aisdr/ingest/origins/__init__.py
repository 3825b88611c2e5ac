"""Where sources come from: a folder, a website, a bucket."""
