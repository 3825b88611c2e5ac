"""What reading knowledge costs: files and pages in a second, memory, and what is found again."""
