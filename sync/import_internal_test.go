package sync

// Secret is the value that a variable stands for.
func (v Variable) Secret() string { return v.value }
