"""placeholder until the log reader lands on this branch"""
