"""What `demo_train.py` needs beside its story: pictures, networks and the report at the end."""
