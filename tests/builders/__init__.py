"""Programs that make the data of the package anew; a wheel has the data alone."""
