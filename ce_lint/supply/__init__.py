"""Where lowered contents come from: what was kept, this process, others, or other machines."""
