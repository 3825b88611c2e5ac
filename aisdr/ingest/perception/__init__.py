"""What looks and listens for the readers: text in pictures, words in sound, what a picture shows."""
