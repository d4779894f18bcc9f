package permit

// ConfigName is the name of the file with permissions, secrets and limits.
const ConfigName = "hatchet-js.json"
