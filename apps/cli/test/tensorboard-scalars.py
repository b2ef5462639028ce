# Reads a folder of event files with TensorBoard's own reader; prints what is in it as JSON.
import json
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

events = EventAccumulator(sys.argv[1], size_guidance={"scalars": 0, "images": 0, "histograms": 0})
events.Reload()
tags = events.Tags()
print(
    json.dumps(
        {
            "scalars": {
                tag: [[event.step, event.value, event.wall_time] for event in events.Scalars(tag)]
                for tag in tags["scalars"]
            },
            "images": {
                tag: [
                    [image.step, image.width, image.height, image.encoded_image_string.hex()]
                    for image in events.Images(tag)
                ]
                for tag in tags["images"]
            },
            "histograms": {
                tag: [
                    [event.step, event.histogram_value.num, sum(event.histogram_value.bucket)]
                    for event in events.Histograms(tag)
                ]
                for tag in tags["histograms"]
            },
        }
    )
)
