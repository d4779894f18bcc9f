package workflow

// taskNames are the names of the workflow's tasks in order.
func (w *Workflow) taskNames() []string {
	names := make([]string, len(w.Tasks))
	for i, t := range w.Tasks {
		names[i] = t.Name
	}
	return names
}

// find returns the first task with a name; nil if there is none.
func (w *Workflow) find(name string) *Task {
	for _, t := range w.Tasks {
		if t.Name == name {
			return t
		}
	}
	return nil
}

// cycle returns one cycle of the graph as a path from parent to child that ends
// where it began, as in [a b a]; nil if there is none. Of several cycles it is
// the one that is met first in the order of declaration.
func (w *Workflow) cycle() []string {
	s := cycleSearch{workflow: w, done: map[string]bool{}, onPath: map[string]int{}}
	for _, t := range w.Tasks {
		if found := s.visit(t); found != nil {
			return found
		}
	}
	return nil
}

// cycleSearch walks from tasks up to their parents. The path is kept from the
// child upwards.
type cycleSearch struct {
	workflow *Workflow
	done     map[string]bool
	onPath   map[string]int // name → place on the path
	path     []string
}

func (s *cycleSearch) visit(t *Task) []string {
	if t == nil || s.done[t.Name] {
		return nil
	}
	if start, ok := s.onPath[t.Name]; ok {
		return downwards(append(s.path[start:], t.Name))
	}
	s.onPath[t.Name] = len(s.path)
	s.path = append(s.path, t.Name)
	for _, parent := range t.Parents {
		if found := s.visit(s.workflow.find(parent)); found != nil {
			return found
		}
	}
	s.path = s.path[:len(s.path)-1]
	delete(s.onPath, t.Name)
	s.done[t.Name] = true
	return nil
}

// downwards turns a path from child to parent into one from parent to child.
func downwards(up []string) []string {
	down := make([]string, len(up))
	for i, name := range up {
		down[len(up)-1-i] = name
	}
	return down
}
