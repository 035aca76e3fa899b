"""Django database backend of the kernel; name it as DATABASES[...]["ENGINE"]."""
