"""What is said in the recordings and clips, sentence by sentence, in words that a small recogniser knows."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Said:
    """Some sentences without a pause between them, and the seconds of silence that follow."""

    text: str
    pause: float = 0.9


PODCAST = (
    Said("Welcome back to our podcast about cold food. Today we talk about summer fruit."),
    Said(
        "A box of cherries is warm when it comes from the field. It must be cold within two hours, or the "
        "skin becomes soft."
    ),
    Said("Our guest runs a farm with ninety people. She bought a machine that cools the fruit with ice water."),
    Said("The water takes the heat away in eleven minutes. Air would need half a day for the same work."),
    Said("After that the boxes wait in a dark room. The air in that room is very wet, and nobody may smoke there."),
    Said("She told us that paper labels fall off in wet air. So she prints the number of the row on the box itself."),
    Said(
        "One question came from a listener. Can cherries and onions travel in the same truck? Please never do "
        "that. The fruit takes the smell of the onions within one night."
    ),
    Said("Next month we visit a bakery that freezes bread. Thank you for listening, and stay cool."),
)

HOTLINE = (
    Said("Thank you for calling the service desk. All our people are talking at the moment."),
    Said("If your alarm is about a pharmacy, please press seven. You will go to the front of the line."),
    Said(
        "If you want to order batteries, please use the shop. Orders before three in the afternoon leave the "
        "house on the same day."
    ),
    Said("On public holidays this desk closes at noon. The night team takes over with two engineers."),
    Said("Please have the name of your site ready. The number on the back of the device helps us too."),
)

BRIEFING = (
    Said("Good morning drivers. This is the briefing for the week before Easter."),
    Said(
        "The bridge to the island is closed for trucks on Tuesday night. Take the ferry at nine. The ticket "
        "is paid by us."
    ),
    Said("At the harbour the new gate opens with the code on your phone. Paper cards work until the end of April."),
    Said(
        "Please do not open the rear door before the light on the wall is green. Last week a whole load of "
        "ice cream was lost in this way."
    ),
    Said(
        "When you wait for longer than one hour, press the yellow button. The customer then pays forty euros "
        "for each further hour."
    ),
    Said(
        "And one more thing. The washing place in the north is broken. Use the one behind the fish market until Friday."
    ),
)

WEBINAR = (
    Said("Welcome to our open hour. We answer the questions that came by mail."),
    Said(
        "The first one. How many people should be able to change a limit? We say two on each site, and never "
        "the night shift."
    ),
    Said(
        "The second one. Does snow on the roof disturb the radio? Dry snow does not. Wet snow on the antenna "
        "takes a third of the range."
    ),
    Said(
        "The third one. Can a logger lie inside a box with fish? Yes, but put it on top. Under forty kilos of "
        "ice nobody hears it."
    ),
    Said(
        "The fourth one. Why is the report longer in October? Because the hour between two and three happens "
        "twice when summer time ends."
    ),
    Said(
        "The last one. Do we sell to private people? No, we do not. The smallest customer we have is a school kitchen."
    ),
)

INSTALLATION = (
    Said("This clip shows how the first logger is hung in a freezer."),
    Said("Clean the wall with a dry cloth. On ice nothing holds, so scrape it off with the plastic blade in the box."),
    Said("Press the bracket to the wall and count to thirty. The glue is made for cold and needs this time."),
    Said("Click the logger into the bracket until you hear it twice. If you hear it only once, it will fall."),
    Said("Now close the door and walk to the office. The first reading comes after about six minutes."),
    Said("At last, write the place on the ring with the white pen. Other pens come off when the wall is washed."),
)

SWAP = (
    Said("A battery does not live for ever. Here we change a logger without losing its history."),
    Said("Open the app and choose the place, not the device. Tap swap in the lower corner."),
    Said("Hold the phone against the old logger until it hums. Then hold it against the new one within two minutes."),
    Said(
        "The app compares both readings. If they differ by more than one degree, it asks you to wait for a "
        "quarter of an hour."
    ),
    Said("Put the old logger into the brown envelope. The postage is paid, and the form lies inside."),
)

DOCK_WALK = (
    Said("We are walking along the loading dock in the early morning."),
    Said(
        "On the left you see gate one. Its rubber seal is torn, and we can feel the wind. Every winter this "
        "costs the price of a small car."
    ),
    Said("Here is the place where pallets wait for the lift. It is eight degrees warmer than the room behind us."),
    Said(
        "Look at the lamp above gate four. It was moved because its heat came too close to the sensor and "
        "made false alarms."
    ),
    Said("The man in orange is checking a trailer with a thermal camera. He does this for one trailer in five."),
    Said(
        "At the end of the dock we find the quiet hero of this place. It is a simple broom that keeps the "
        "drain free of ice."
    ),
)
