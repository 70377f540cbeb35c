"""The puck as solids: closed, thick enough, of the implant's outer form, and all that goes in fits. Needs build123d."""

from itertools import combinations, pairwise
from math import cos, radians, sin
from pathlib import Path

import pytest
from optional_parts import module_of

from rig.puck_size import BLOCKS, LEAST_WALL, PICO_HOLES, PUCK

pytestmark = pytest.mark.needs("CAD package")
puck = module_of("CAD package", "rig.puck")

Z_SEAM = PUCK.thick - PUCK.lid
RADIUS = PUCK.across / 2


@pytest.fixture(scope="module")
def solids():
    return {"body": puck.body(), "lid": puck.lid()}


@pytest.fixture(scope="module")
def rooms():
    return puck.blocks()


def volume(shape) -> float:
    if shape is None:
        return 0.0
    return sum(each.volume for each in shape) if isinstance(shape, list) else shape.volume


def test_body_and_lid_are_one_closed_solid_each(solids) -> None:
    for name, solid in solids.items():
        assert len(solid.solids()) == 1, name
        assert solid.is_valid, name
        assert all(face.is_valid for face in solid.faces()), name
        assert solid.volume > 5000, name


def test_the_outer_form_is_the_implants(solids) -> None:
    """78 mm across, 24 mm thick, a dome of 10 mm: FDA P890055."""
    together = solids["body"].bounding_box().add(solids["lid"].bounding_box())
    assert pytest.approx(78.0, abs=0.01) == together.size.X
    assert pytest.approx(78.0, abs=0.01) == together.size.Y
    assert pytest.approx(24.0 + 10.0, abs=0.01) == together.size.Z
    assert puck.thickness(solids["lid"], (-25, 10, -1), (-25, 10, 60)) == pytest.approx([PUCK.lid], abs=0.01)


def test_body_and_lid_meet_and_do_not_overlap(solids) -> None:
    assert volume(solids["body"] & solids["lid"]) == pytest.approx(0.0, abs=1e-6)
    assert pytest.approx(Z_SEAM) == solids["body"].bounding_box().max.Z


def pieces(solids) -> list[tuple[str, float]]:
    """Material along straight lines: up through a grid, and outwards at several heights."""
    found = []
    for x in range(-35, 36, 7):
        for y in range(-35, 36, 7):
            if x * x + y * y < 36**2:
                for name, solid in solids.items():
                    for length in puck.thickness(solid, (x + 0.13, y + 0.17, -5), (x + 0.13, y + 0.17, 60)):
                        found.append((f"{name} at {x}, {y}", length))
    for angle in range(3, 360, 15):
        for z in (4.0, 12.0, 20.5):
            out = 60 * cos(radians(angle)), 60 * sin(radians(angle)), z
            for length in puck.thickness(solids["body"], (0.0, 0.0, z), out):
                found.append((f"body at {angle} deg, {z} mm", length))
    return found


def test_no_wall_is_thinner_than_a_printer_can_make(solids) -> None:
    """Posts and pegs for the Pico apart: rods of 4.4 and 1.9 mm, which stand free."""
    found = pieces(solids)
    assert len(found) > 120
    assert min(LEAST_WALL, PUCK.wall, PUCK.floor, PUCK.lid, PUCK.lip, PUCK.frame_wall) == LEAST_WALL
    assert [(where, length) for where, length in found if length < LEAST_WALL - 0.01] == []
    assert PUCK.boss_radius - PUCK.insert_hole / 2 >= LEAST_WALL


def test_dome_and_floor_have_the_walls_that_the_measures_say(solids) -> None:
    dome = puck.thickness(solids["lid"], (0, PUCK.dome_y, 0), (0, PUCK.dome_y, 60))
    assert dome == pytest.approx([PUCK.wall], abs=0.01)
    assert puck.thickness(solids["body"], (0, 25, -5), (0, 25, 15)) == pytest.approx([PUCK.floor], abs=0.01)


def test_all_parts_fit_without_touching_the_print(solids, rooms) -> None:
    for name, room in rooms.items():
        for wall, solid in solids.items():
            assert volume(room & solid) == pytest.approx(0.0, abs=1e-6), f"{name} is in the {wall}"
        box = room.bounding_box()
        assert PUCK.floor <= box.min.Z, name
        assert box.max.Z <= Z_SEAM + 0.001, name


def test_parts_do_not_touch_each_other(rooms) -> None:
    one_thing = {frozenset(("Pico, parts and wires", "USB socket"))}
    for one, other in combinations(rooms, 2):
        if frozenset((one, other)) not in one_thing:
            assert volume(rooms[one] & rooms[other]) == pytest.approx(0.0, abs=1e-6), f"{one} and {other}"


def test_the_pico_and_the_display_have_their_real_size(rooms) -> None:
    assert tuple(rooms["Pico"].bounding_box().size) == pytest.approx((51, 21, 1))
    assert PICO_HOLES == (11.4, 47.0)
    assert min(tuple(rooms["OLED"].bounding_box().size)[:2]) >= 27.0
    spots = puck.post_spots()
    assert spots[1][1] - spots[0][1] == pytest.approx(11.4)
    assert spots[2][0] - spots[0][0] == pytest.approx(47.0)


def test_a_usb_plug_reaches_the_socket(solids) -> None:
    """A plug's overmould of 12 x 8 mm goes through the wall; a narrower hole would stop it."""
    socket = BLOCKS["USB socket"]
    plug = puck.slab(-RADIUS - 2, 0, socket.z + socket.high / 2 - 4, 2 * (PUCK.wall + 2), 12, 8)
    assert volume(plug & solids["body"]) == pytest.approx(0.0, abs=1e-6)
    assert socket.x - socket.wide / 2 - (-RADIUS) < 5.5, "a plug is 5.5 mm long and more before its overmould"


def test_the_fit_test_sees_a_part_that_is_too_large(solids) -> None:
    wide = puck.block(BLOCKS["OLED"]._replace(wide=60.0, deep=60.0))
    assert volume(wide & solids["body"]) + volume(wide & solids["lid"]) > 1
    thin = PUCK._replace(floor=1.0)
    assert min(puck.thickness(puck.body(thin), (0, 25, -5), (0, 25, 15))) < LEAST_WALL


def test_export_writes_stl_and_step(tmp_path: Path) -> None:
    written = {path.name: path.read_bytes() for path in puck.export(tmp_path)}
    assert set(written) == {"puck-body.step", "puck-body.stl", "puck-lid.step", "puck-lid.stl"}
    assert written["puck-body.step"].startswith(b"ISO-10303-21;")
    for name in ("puck-body.stl", "puck-lid.stl"):
        triangles = int.from_bytes(written[name][80:84], "little")
        assert len(written[name]) == 84 + 50 * triangles > 10000
        assert closed(written[name])


def closed(stl: bytes) -> bool:
    """Each edge of the mesh belongs to two triangles, once in each direction."""
    edges: dict[tuple[bytes, bytes], int] = {}
    for at in range(84, len(stl), 50):
        corners = [stl[at + 12 * corner : at + 12 * corner + 12] for corner in (1, 2, 3)]
        for pair in pairwise([*corners, corners[0]]):
            edges[pair] = edges.get(pair, 0) + 1
    return all(edges.get((end, start), 0) == count for (start, end), count in edges.items())
