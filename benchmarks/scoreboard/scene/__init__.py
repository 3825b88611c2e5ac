"""What the figures stand on: our doors, a DynamoDB in process, a tab, and a note of who is contacted."""
