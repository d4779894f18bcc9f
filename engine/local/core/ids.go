package core

import "github.com/google/uuid"

// space is the namespace of ids that do not come from a Seed.
var space = uuid.MustParse("5b1ac0de-8d1f-4a53-9d6a-2f0c35d2f7b1")

// derive makes an id from a parent id and a name (UUID version 5). The parent
// is a valid UUID; where it came from outside it was checked.
func derive(parent, name string) string {
	id, err := uuid.Parse(parent)
	if err != nil {
		id = uuid.NewSHA1(space, []byte(parent))
	}
	return uuid.NewSHA1(id, []byte(name)).String()
}

// deriveNamed makes an id from a name alone.
func deriveNamed(name string) string {
	return uuid.NewSHA1(space, []byte(name)).String()
}

func isUUID(s string) bool {
	return len(s) == 36 && uuid.Validate(s) == nil
}

func checkSeed(seed string) *Error {
	if !isUUID(seed) {
		return errorf(Internal, "the command has no valid seed: %q is not a UUID", seed)
	}
	return nil
}
