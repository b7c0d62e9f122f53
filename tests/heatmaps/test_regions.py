"""Boxes and masks of any form say the same about the positions of a map."""

import numpy as np
import pytest

from convviz_tb.heatmaps import regions

SIDES = (8, 16)  # height, width
BOX = [4.0, 2.0, 12.0, 8.0]  # left, top, right, bottom in pixels
UNIT = [0.25, 0.25, 0.75, 1.0]
COVERED = np.array([[0, 0.5, 0.5, 0], [0, 1, 1, 0]])


def mask() -> np.ndarray:
    inside = np.zeros((1, *SIDES), bool)
    inside[0, 2:8, 4:12] = True
    return inside


FORMS = {"pixels": np.array([BOX]), "unit": np.array([UNIT]), "list": [BOX], "mask": mask()}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_pixels_shares_and_masks_cover_the_same(form):
    regions.check(form, 1)
    np.testing.assert_allclose(regions.coverage(form, SIDES, (2, 4))[0], COVERED)
    centres = regions.centres_inside(form, SIDES, (2, 4))[0]
    np.testing.assert_array_equal(centres, [[False, True, True, False]] * 2)


def test_a_box_that_cuts_positions_covers_its_own_area():
    boxes = np.array([[0.1, 0.3, 0.65, 0.95]])
    covered = regions.coverage(boxes, SIDES, (7, 5))
    assert covered.mean() == pytest.approx(0.55 * 0.65)


def test_an_image_without_a_box_is_unknown_not_zero():
    boxes = np.array([BOX, [np.nan] * 4])
    regions.check(boxes, 2)
    covered = regions.coverage(boxes, SIDES, (2, 4))
    assert np.isfinite(covered[0]).all() and np.isnan(covered[1]).all()
    empty = np.concatenate([mask(), np.zeros_like(mask())])
    assert np.isnan(regions.coverage(empty, SIDES, (2, 4))[1]).all()


def test_a_box_of_one_pixel_is_in_pixels():
    (unit,) = regions.unit_boxes(np.array([[0, 0, 1, 1]]), SIDES)
    np.testing.assert_allclose(unit, [0, 0, 1 / 16, 1 / 8])


@pytest.mark.parametrize(
    "boxes, message",
    [
        ([BOX, BOX], "received 2 for 1 images"),
        ([[1, 2, 3]], r"shape \(1, 3\)"),
        ([["a"] * 4], "left, top, right, bottom"),
        ([[5, 2, 4, 8]], r"received \[5, 2, 4, 8\]"),
        ([[-1, 2, 4, 8]], r"received \[-1, 2, 4, 8\]"),
    ],
)
def test_what_is_no_box_is_named(boxes, message):
    with pytest.raises(ValueError, match=f"^boxes: .*{message}"):
        regions.check(boxes, 1)


@pytest.mark.parametrize(
    "boxes, message",
    [
        ({}, "^boxes: received an empty dict. .*the object first"),
        ({"": [BOX]}, "^boxes: received the name ''"),
        ({"object": [BOX], "price tag": [BOX]}, "^boxes: received the name 'price tag'.*price_tag"),
        ({"object": [BOX], 3: [BOX]}, "^boxes: received the name 3"),
        ({"object": [BOX], "x" * 31: [BOX]}, "up to 29"),
        ({"object": [BOX], "sticker": [BOX, BOX]}, r"^boxes\['sticker'\]: received 2 for 1 images"),
        ({"object": [BOX], "sticker": None}, r"^boxes\['sticker'\]: .*left, top, right, bottom"),
    ],
)
def test_what_is_no_region_is_named(boxes, message):
    with pytest.raises(ValueError, match=message):
        regions.check(boxes, 1)


def test_several_regions_are_taken_by_name_in_any_form():
    given = {"lesion": mask(), "Maßstab": [UNIT], "price_tag": [[np.nan] * 4]}
    regions.check(given, 1)
    assert list(regions.named(given)) == ["lesion", "Maßstab", "price_tag"]
    assert list(regions.named([BOX])) == ["object"]
    with pytest.raises(ValueError, match=r"^boxes\['mark'\]: received .* images of 16 x 8 pixels"):
        regions.check_inside({"object": [BOX], "mark": [[0, 0, 8, 16]]}, SIDES)


def test_a_box_beyond_the_image_is_named():
    with pytest.raises(ValueError, match=r"^boxes: received .* images of 16 x 8 pixels"):
        regions.unit_boxes([[0, 0, 8, 16]], SIDES)
