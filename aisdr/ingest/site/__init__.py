"""How a website is walked through: what may be asked, in which order, and what leads further."""
