package vm

// Idle is how many goroutines wait for work: while no run is in progress, all
// that the crew keeps.
func (c *Crew) Idle() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.idle)
}
