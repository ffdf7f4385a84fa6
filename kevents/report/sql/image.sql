-- summary = "Every pull of an image"
-- is_command = false
-- order = ["latest", "cluster", "namespace", "pod", "result"]
-- empty = "No pulls of this image found."
-- keeps_newest = true
-- cap = 1000
-- [columns]
-- cluster = { show = "varies" }
-- namespace = { show = "varies" }
-- latest = { kind = "time", label = "WHEN" }
-- image = { show = "varies" }
-- result = "text"
-- times = "number"
-- took = "duration"
-- waited = "duration"
-- size = "bytes"
-- node = "text"
-- pod = "text"
-- container = "text"
-- error = "text"
SELECT *
FROM pulls
WHERE is_image(image, $name)
