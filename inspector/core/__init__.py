"""What a model is: modules, inputs, traces, statistics, devices. Needs torch and numpy; knows no window and no link."""
