"""Reports as HTML pages that stand by themselves: data, style and script in one file."""
