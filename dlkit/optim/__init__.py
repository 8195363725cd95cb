"""How weights are updated: rules, parameter groups, schedules of the learning rate."""
