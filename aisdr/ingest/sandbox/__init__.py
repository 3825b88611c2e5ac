"""Reading in processes of their own: what a file does to its reader, it does to nobody else."""
