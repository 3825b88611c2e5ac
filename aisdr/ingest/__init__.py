"""Knowledge in: from a folder of files to chunks that are found again at the right page, picture and second."""
