package durable

// RememberAtMost bounds the steps that the session remembers.
func (s *Session) RememberAtMost(steps int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mostPast = steps
}
