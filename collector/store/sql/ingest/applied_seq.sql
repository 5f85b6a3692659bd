select applied_seq from progress
