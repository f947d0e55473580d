"""Many VMs at once: the advice on each as a row, what was found, and the sums of all."""
