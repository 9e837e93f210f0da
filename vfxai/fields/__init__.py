"""What the fields of a shot are: combing, places in time, field order, cadence."""
